/** What trouble with the database means to whoever sent a request, wherever it is met. */
import { Refusal } from '../errors.ts';
import { isStorageFull, isUnavailable } from './connection.ts';

const retrySeconds = 1;
/** Room is made by people. */
const fullSeconds = 60;

/** `storage-full` or `unavailable`; null for an error that says neither. */
export function databaseRefusal(error: unknown): Refusal | null {
  if (isStorageFull(error))
    return new Refusal('storage-full', 'The database has no room left; tell the operator to add storage.', {
      retryAfter: fullSeconds,
      cause: error,
    });
  if (isUnavailable(error))
    return new Refusal('unavailable', 'The database is away or too busy; send the same request again.', {
      retryAfter: retrySeconds,
      cause: error,
    });
  return null;
}
