/**
 * Photos as they are kept: decoded and encoded anew, so that nothing of the file that was sent is left but what is to be
 * seen. Neither its name nor where and by which camera it was taken remain, and no bytes that mean something else.
 *
 * What a file is, its first bytes say: JPEG FF D8 FF; PNG 89 50 4E 47 0D 0A 1A 0A (PNG 3rd edition §5.2); WebP RIFF, a
 * length, WEBP (RFC 9649 §2.4). The decoders of all other formats are switched off.
 */
import { fault, ok, type Result } from '../../errors.ts';

export interface PhotoImage {
  /** WebP. */
  readonly bytes: Buffer;
  readonly width: number;
  readonly height: number;
}

const pixelsMax = 40_000_000;
const sideMax = 2_000;
const quality = 80;
const secondsMax = 20;

/** In hexadecimal. */
const starts = [/^ffd8ff/, /^89504e470d0a1a0a/, /^52494646.{8}57454250/];

type Decoder = typeof import('sharp')['default'];
let loading: Promise<Decoder> | undefined;

/** Loaded with the first photo: most processes see none. */
async function load(): Promise<Decoder> {
  const { default: sharp } = await import('sharp');
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
  });
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
}

/** The image upright, at most 2,000 pixels a side. Faults: `unsupported-media-type`, `invalid-request`. */
export async function photoImage(file: Buffer): Promise<Result<PhotoImage>> {
  const start = file.subarray(0, 12).toString('hex');
  if (!starts.some((it) => it.test(start)))
    return fault('unsupported-media-type', 'Send a photo: a JPEG, PNG or WebP file as it is.');
  loading ??= load();
  const sharp = await loading;
  try {
    const { data, info } = await sharp(file, { limitInputPixels: pixelsMax, failOn: 'error' })
      .timeout({ seconds: secondsMax })
      .autoOrient()
      .resize({ width: sideMax, height: sideMax, fit: 'inside', withoutEnlargement: true })
      .webp({ quality })
      .toBuffer({ resolveWithObject: true });
    return ok({ bytes: data, width: info.width, height: info.height });
  } catch {
    return fault(
      'invalid-request',
      'The photo cannot be read; send a whole one of at most 40 million pixels.',
    );
  }
}
