// The package is CommonJS and exports one function; its own types say otherwise.
declare module 'canonicalize' {
  function serialize(input: unknown): string | undefined;
  export = serialize;
}
