"""Pure parts and single modules, in the package's folders: no app, no terminal."""
