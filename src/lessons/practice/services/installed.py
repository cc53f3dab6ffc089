"""How much room a package takes where it is installed."""

from importlib.metadata import distribution


def installed_megabytes(package: str) -> float:
    """Return the size of all files that a package brought, in MB.

    What it needs besides, such as botocore for boto3, are packages of their own.

    Args:
        package: As `pip` calls it.

    Raises:
        ModuleNotFoundError: It is not installed.

    >>> installed_megabytes("openai") > 1
    True
    """
    files = distribution(package).files or []
    return sum(file.locate().stat().st_size for file in files if file.locate().is_file()) / 1e6  # type: ignore[attr-defined]
