"""Where clients look for keys and addresses: in the environment, and nowhere in the code."""


def service_environment(address: str, key: str) -> dict[str, str]:
    """Return the variables that lead each client to the book's server.

    To reach a service itself, leave its address out and set your own key. Names of variables are
    those that the clients read by themselves, but for HF_URL, VERTEX_TOKEN and those of watsonx,
    which the lessons read, and CO_API_URL, which Cohere's client reads when it is imported, and the
    lessons later. Empty ones would win over those that are set here, if you have them: clients take
    them for none.
    AWS_BEARER_TOKEN_BEDROCK wins even when it is empty, so it is to be unset.

    Args:
        address: Of the server, as `http://127.0.0.1:8000`.
        key: What it takes for a key.

    >>> service_environment("http://127.0.0.1:8000", "abc")["OPENAI_BASE_URL"]
    'http://127.0.0.1:8000/openai/v1'
    """
    watson = "NATURAL_LANGUAGE_UNDERSTANDING"
    return {
        "OPENAI_BASE_URL": f"{address}/openai/v1",
        "OPENAI_API_KEY": key,
        "AZURE_OPENAI_ENDPOINT": f"{address}/azure",
        "AZURE_OPENAI_API_KEY": key,
        "OPENAI_API_VERSION": "2024-10-21",
        "CO_API_URL": f"{address}/cohere",
        "CO_API_KEY": key,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": f"{address}/bedrock",
        "AWS_ACCESS_KEY_ID": "reader",
        "AWS_SECRET_ACCESS_KEY": key,
        "AWS_SESSION_TOKEN": "",
        "AWS_DEFAULT_REGION": "us-east-1",
        "GOOGLE_GEMINI_BASE_URL": f"{address}/gemini",
        "GEMINI_API_KEY": key,
        "GOOGLE_API_KEY": "",
        "GOOGLE_GENAI_USE_ENTERPRISE": "",
        "GOOGLE_GENAI_USE_VERTEXAI": "",
        "GOOGLE_VERTEX_BASE_URL": f"{address}/vertex",
        "GOOGLE_CLOUD_PROJECT": "reader",
        "GOOGLE_CLOUD_LOCATION": "us-central1",
        "VERTEX_TOKEN": key,
        "HF_URL": f"{address}/huggingface",
        "HF_TOKEN": key,
        "OLLAMA_HOST": f"{address}/ollama",
        "OLLAMA_API_KEY": key,
        f"{watson}_URL": f"{address}/watson",
        f"{watson}_AUTH_TYPE": "basic",
        f"{watson}_USERNAME": "apikey",
        f"{watson}_PASSWORD": key,
        "WATSONX_URL": f"{address}/watsonx",
        "WATSONX_TOKEN": key,
        "WATSONX_PROJECT_ID": "reader",
    }
