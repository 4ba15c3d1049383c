/**
 * Photos of reports. They lie beside the database, in `{DATA_DIR}/photos/`, each by the SHA-256 of what it holds; the
 * database says which report has which. A row is committed once its file is there, so that no report names a photo that is
 * not; while it is not committed, nobody removes files (`holdPhotos`).
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TransactionSql } from '../../database/connection.ts';
import { writeSynced } from '../../database/synced-file.ts';
import { Refusal, required } from '../../errors.ts';
import { addressGroup } from '../../http/addresses.ts';
import type { Caller } from '../../http/authentication.ts';
import type { FeatureDeps } from '../feature.ts';
import { type PhotoImage, photoImage } from './photo-image.ts';
import { insertPhoto, ownPhotoSums, photoSum, type Report, reportById } from './queries.ts';
import { regionsOf, reportOf, stateOf } from './service.ts';
import { createShares, createTurns } from './turns.ts';

type Deps = Pick<FeatureDeps, 'db' | 'reads' | 'keystore' | 'policies' | 'now' | 'dataDir'>;

export const photosMax = 5;
export const photoBytesMax = 8 * 1024 * 1024;

/** An image of 40 million pixels takes up to half a gigabyte while it is decoded. */
const decoding = { atOnce: 2, waiting: 14 };
/** Files that are held in memory, those that wait to be decoded with them. */
const receiving = { atOnce: decoding.atOnce + decoding.waiting, waiting: 0 };
/** Of these from one address, as many as a report has: who sends a byte a second does not keep everybody else out. */
const ofAddress = photosMax;

export interface Photos {
  /**
   * Adds a photo to the report of a receipt code; answers its number, from 1. `read` gets the file, and is not called
   * before there is room for it, for everybody and for its address. Refuses `not-found`, `state-conflict`, `overloaded`,
   * `rate-limited` and what is no photo.
   */
  add(receipt: string, address: string, read: () => Promise<Buffer>): Promise<number>;
  /** A photo of a report of the caller's jurisdiction, as WebP. Refuses `not-found`. */
  get(by: Caller, id: string, n: number): Promise<Buffer>;
  /** Removes the files of a report that no other has, in a transaction that holds photos. */
  remove(sql: TransactionSql, id: string): Promise<void>;
}

export function createPhotos(deps: Deps): Photos {
  const folder = join(deps.dataDir, 'photos');
  const receive = createTurns(receiving);
  const share = createShares(ofAddress);
  const decode = createTurns(decoding);

  async function keep({ bytes }: PhotoImage, sum: Buffer): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, sum.toString('hex'));
    // Two who send the same write each a file of their own.
    await writeSynced(file, bytes, { fresh: `${file}.${randomUUID()}.new`, mode: 0o600 });
  }

  return {
    async add(text, address, read) {
      const { id } = await openReport(deps, text);
      const received = (work: () => Promise<number>) => share(addressGroup(address), () => receive(work));
      return received(async () => {
        const file = await read();
        const image = required(await decode(() => photoImage(file)));
        const sum = createHash('sha256').update(image.bytes).digest();
        const photo = { sum, bytes: image.bytes.length, ...sizeOf(image), at: deps.now() };
        // Who is overtaken by another takes the number after.
        for (let tries = 0; tries < photosMax; tries += 1) {
          const n = await deps.db.sql.begin(async (sql) => {
            const taken = await insertPhoto(sql, id, photo, photosMax);
            if (taken !== null) await keep(image, sum);
            return taken;
          });
          if (n !== null) return n;
        }
        await openReport(deps, text);
        throw new Refusal('state-conflict', 'Others are adding photos to this report; send it again.');
      });
    },

    async get(by, id, n) {
      const report = await reportById(deps.reads.sql, id, await regionsOf(deps, by));
      const sum = report === null ? null : await photoSum(deps.reads.sql, id, n);
      if (sum === null) throw new Refusal('not-found', 'No report of your jurisdiction has this photo.');
      const bytes = await readFile(join(folder, sum.toString('hex'))).catch(() => null);
      if (bytes === null || !createHash('sha256').update(bytes).digest().equals(sum))
        throw new Refusal(
          'not-found',
          'The photo is not in the data folder as it was received; ask the operator to restore the folder photos.',
        );
      return bytes;
    },

    async remove(sql, id) {
      for (const sum of await ownPhotoSums(sql, id))
        await rm(join(folder, sum.toString('hex')), { force: true });
    },
  };
}

const sizeOf = ({ width, height }: PhotoImage) => ({ width, height });

/** The report of a receipt code that may be given one more photo. */
async function openReport(deps: Deps, text: string): Promise<Report> {
  const report = await reportOf(deps, deps.db.sql, text);
  if (stateOf(report) === 'closed')
    throw new Refusal('state-conflict', 'The report is closed; send a new one to add to it.');
  if (report.photos >= photosMax)
    throw new Refusal('state-conflict', `The report has ${photosMax} photos; more are not taken.`);
  return report;
}
