// Seals who reports to the key of the authority in charge, before the form is sent. The fields have no name, so they are
// never sent themselves. Compact JWE by ECDH-ES on P-256 with A256GCM (RFC 7518 §4.6).
const { subtle } = globalThis.crypto ?? {};
const form = document.querySelector('form[method=post]');
const section = document.getElementById('identity');
const encoder = new TextEncoder();
const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const number = (n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const value = (id) => document.getElementById(id).value.trim();
const significant = (code) => code.replace(/(?:00){1,3}$/, '');

async function seal(key, text) {
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  const theirs = await subtle.importKey(
    'jwk',
    { kty: 'EC', crv: 'P-256', x: key.x, y: key.y },
    curve,
    false,
    [],
  );
  const mine = await subtle.generateKey(curve, true, ['deriveBits']);
  const { kty, crv, x, y } = await subtle.exportKey('jwk', mine.publicKey);
  const header = { alg: 'ECDH-ES', enc: 'A256GCM', kid: key.kid, epk: { kty, crv, x, y } };
  const protectedHeader = base64url(encoder.encode(JSON.stringify(header)));
  const secret = new Uint8Array(
    await subtle.deriveBits({ name: 'ECDH', public: theirs }, mine.privateKey, 256),
  );
  // Concat KDF: round 1, the secret, the algorithm, neither party named, 256 bits.
  const name = encoder.encode('A256GCM');
  const input = [
    ...number(1),
    ...secret,
    ...number(name.length),
    ...name,
    ...number(0),
    ...number(0),
    ...number(256),
  ];
  const bits = await subtle.digest('SHA-256', new Uint8Array(input));
  const content = await subtle.importKey('raw', bits, 'AES-GCM', false, ['encrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = encoder.encode(protectedHeader);
  const sealed = new Uint8Array(
    await subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, content, encoder.encode(text)),
  );
  return [protectedHeader, '', ...[iv, sealed.slice(0, -16), sealed.slice(-16)].map(base64url)].join('.');
}

if (subtle && form && section) {
  const keys = JSON.parse(section.dataset.keys);
  const region = document.getElementById('region');
  let chosen;
  const choose = () => {
    const near = (key) =>
      Math.max(
        -1,
        ...key.regions
          .filter((it) => region.value.startsWith(significant(it)))
          .map((it) => significant(it).length),
      );
    chosen =
      region.value === ''
        ? undefined
        : keys.filter((key) => near(key) >= 0).sort((a, b) => near(b) - near(a))[0];
    section.hidden = chosen === undefined;
    document.getElementById('authority').textContent = chosen ? `${chosen.name} · ${chosen.kid}` : '';
  };
  region.addEventListener('change', choose);
  choose();
  form.addEventListener('submit', async (event) => {
    const who = { name: value('identity-name'), contact: value('identity-contact') };
    if (chosen === undefined || (who.name === '' && who.contact === '')) return;
    event.preventDefault();
    document.getElementById('sealed').value = await seal(chosen, JSON.stringify(who));
    form.submit();
  });
}
