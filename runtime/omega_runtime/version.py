"""The version that compiler and runtime share."""

__version__ = "0.1.0"


def compiled_by(version: str, module: str) -> None:
    """What a compiled module calls first: warns when another version of the compiler wrote it.

    When the module is run as a program, its uncaught errors print with Omega places.
    """
    if version != __version__:
        import warnings

        warnings.warn(
            f"{module} was compiled by omegac {version}, but this is {__version__}; compile it again",
            RuntimeWarning,
            stacklevel=2,
        )
    if module == "__main__":
        from omega_runtime.tracebacks import install

        install()
