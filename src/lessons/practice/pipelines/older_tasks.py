"""The tasks that a pipeline had in an older version of the library, to compare with today's."""

# Its last release before 5.0.
OLDER_VERSION = "4.57.6"


def older_tasks() -> tuple[str, ...]:
    """Return the tasks of version 4.57.6 of transformers, without second names as *ner*.

    Source: `SUPPORTED_TASKS` in that version's `pipelines/__init__.py`.

    >>> len(older_tasks())
    30
    """
    return (
        *("audio-classification", "automatic-speech-recognition", "text-to-audio"),
        *("feature-extraction", "text-classification", "token-classification"),
        *("question-answering", "table-question-answering", "visual-question-answering"),
        *("document-question-answering", "fill-mask", "summarization", "translation"),
        *("text2text-generation", "text-generation", "zero-shot-classification"),
        *("zero-shot-image-classification", "zero-shot-audio-classification"),
        *("image-classification", "image-feature-extraction", "image-segmentation"),
        *("image-to-text", "image-text-to-text", "object-detection"),
        *("zero-shot-object-detection", "depth-estimation", "video-classification"),
        *("mask-generation", "image-to-image", "keypoint-matching"),
    )
