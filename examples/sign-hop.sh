#!/bin/sh
# Signs what you record with OpenSSL (3.0 or newer; macOS brings LibreSSL, which cannot) alone, so that nobody, the
# operator of the ledger included, could have made it up.
#
#   sh sign-hop.sh new-key KEYFILE ORIGIN PARTY   makes an Ed25519 key and prints the body of POST /v1/keys/claims
#   sh sign-hop.sh sign KEYFILE KID < hop         prints the body of POST /v1/events
#
# ORIGIN is the first line of /log/checkpoint, PARTY the id of your party. The proof that is printed shows that you hold
# the private half, for this ledger and this party alone.
#
# The hop stands on one line of standard input as canonical JSON (RFC 8785): members in order of their names, no space
# between them, such as
#
#   {"epcs":["01/06901234567892/21/A1"],"hop":"inspect","outcome":"conformant","ref":"WO-7","time":"2026-03-01T10:30:00+08:00"}
#
# It is signed by a JWS with detached content (RFC 7515 Appendix F) whose header is exactly {"alg":"EdDSA","kid":"…"}.
set -eu

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
# The signature of KEYFILE over a text. openssl reads what it signs with Ed25519 from a file: it has to know its length.
signature() {
  input=$(mktemp)
  trap 'rm -f "$input"' EXIT
  printf '%s' "$2" >"$input"
  openssl pkeyutl -sign -rawin -inkey "$1" -in "$input" | base64url
}

case "${1-}" in
new-key)
  if [ -e "$2" ]; then echo "$2 exists; keep it or choose another name" >&2; exit 1; fi
  (umask 077 && openssl genpkey -algorithm ed25519 -out "$2")
  # The last 32 bytes of the DER form are the public key (RFC 8410).
  x=$(openssl pkey -in "$2" -pubout -outform DER | tail -c 32 | base64url)
  header=$(printf '{"alg":"EdDSA","typ":"suyuan-key+jws"}' | base64url)
  payload=$(printf '{"origin":"%s","party":"%s","purpose":"claims"}' "$3" "$4" | base64url)
  proof="$header.$payload.$(signature "$2" "$header.$payload")"
  printf '{"publicKey":{"kty":"OKP","crv":"Ed25519","x":"%s"},"proof":"%s"}\n' "$x" "$proof"
  ;;
sign)
  IFS= read -r hop
  header=$(printf '{"alg":"EdDSA","kid":"%s"}' "$3" | base64url)
  text="$header.$(printf '%s' "$hop" | base64url)"
  printf '{"hops":[%s,"signature":"%s..%s"}]}\n' "${hop%\}}" "$header" "$(signature "$2" "$text")"
  ;;
*)
  echo 'usage: sign-hop.sh new-key KEYFILE ORIGIN PARTY | sign KEYFILE KID < hop' >&2
  exit 2
  ;;
esac
