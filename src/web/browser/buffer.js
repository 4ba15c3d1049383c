/**
 * As much of Node's Buffer as the core uses, for the page that checks evidence: the core runs in the browser as it is,
 * and only what Node brings is put in for it.
 */
const latin1 = (bytes) => {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
};
const fromLatin1 = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

const encoders = {
  utf8: (bytes) => new TextDecoder().decode(bytes),
  latin1,
  binary: latin1,
  ascii: latin1,
  hex: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''),
  base64: (bytes) => btoa(latin1(bytes)),
  base64url: (bytes) => btoa(latin1(bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
};

/** Node stops at the first character that is none of base64; whoever decodes here encodes again and compares. */
const base64 = (text) => {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replaceAll('=', '');
  const [valid] = /^[0-9A-Za-z+/]*/.exec(plain);
  return fromLatin1(atob(valid.length % 4 === 1 ? valid.slice(0, -1) : valid));
};

const decoders = {
  utf8: (text) => new TextEncoder().encode(text),
  latin1: fromLatin1,
  binary: fromLatin1,
  ascii: fromLatin1,
  hex: (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
  base64,
  base64url: base64,
};

export class Buffer extends Uint8Array {
  static from(data, encoding = 'utf8', length = undefined) {
    if (typeof data === 'string') return new Buffer(decoders[encoding](data));
    return data instanceof ArrayBuffer ? new Buffer(data, encoding, length) : new Buffer(data);
  }
  static alloc(size, fill = 0) {
    return new Buffer(size).fill(fill);
  }
  static concat(parts) {
    const all = new Buffer(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
  static isBuffer(value) {
    return value instanceof Buffer;
  }
  static compare(a, b) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i];
    return a.length - b.length;
  }
  toString(encoding = 'utf8') {
    return encoders[encoding](this);
  }
  readBigUInt64BE(at = 0) {
    return new DataView(this.buffer, this.byteOffset).getBigUint64(at);
  }
  writeBigUInt64BE(value, at = 0) {
    new DataView(this.buffer, this.byteOffset).setBigUint64(at, value);
    return at + 8;
  }
}
