/** Fresh random ids. */
import { randomBytes } from 'node:crypto';
import type { PartyId } from '../core/events/hop.ts';
import { opaqueId, opaqueIdBytes, parsePartyId } from '../core/opaque-id.ts';
import { required } from '../errors.ts';

export const newId = (): string => opaqueId(randomBytes(opaqueIdBytes));
export const newPartyId = (): PartyId => required(parsePartyId(newId()));
