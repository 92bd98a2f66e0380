/** What all processes of an outbox round share. */
import type { ChannelsConfig } from '#offstage/wire/channels.js';

export const SECRET = `whsec_${Buffer.from('a secret of 24 bytes ok.').toString('base64')}`;

export const ENV = { SECRET };

/** A try takes a second at most, so that a lease, which is 60 s, holds for longer also by the fast clock. */
export const CHANNELS = (url: string): ChannelsConfig => {
  const open = { type: 'webhook', secretEnv: 'SECRET', allowPrivate: true, timeout: 1 } as const;
  return { ops: { ...open, url: `${url}/ops` }, desk: { ...open, url: `${url}/desk` } };
};

/** So many times faster than the system's. */
const SPEED = 10;

export const fast = (began: number) => (): number => began + Math.round((Date.now() - began) * SPEED);
