/** A codec as an app may have one: it compresses and encrypts. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deflateSync, inflateSync } from 'node:zlib';
import type { Codec } from '#offstage';

export function aes(key = randomBytes(32), name = 'aes-256-gcm'): Codec {
  return {
    name,
    encode(text) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const data = Buffer.concat([cipher.update(deflateSync(text)), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), data]);
    },
    async decode(data) {
      const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12)).setAuthTag(data.subarray(12, 28));
      return inflateSync(Buffer.concat([decipher.update(data.subarray(28)), decipher.final()])).toString();
    },
  };
}
