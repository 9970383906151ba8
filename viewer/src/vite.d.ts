// Files that the build gives names to.
/// <reference types="vite/client" />
