/** Webhooks, signed as Standard Webhooks say, with the body as it is or as a CloudEvent. */
import { createHmac } from 'node:crypto';
import type { WebhookChannel } from '../wire/channels.ts';
import type { Notification } from '../wire/notification.ts';
import type { Channel, Message, Surroundings } from './channel.ts';
import { post } from './post.ts';
import { judged } from './sent.ts';

/** It is gone for good. */
const FINAL = [410];

export function webhook(config: WebhookChannel, { env, lookup }: Surroundings): Channel {
  const { format = 'standard', allowPrivate = false, timeout = 15 } = config;
  const url = config.url ?? env[config.urlEnv ?? ''] ?? '';
  const secrets = config.secretEnv === undefined ? [] : secretsOf(env[config.secretEnv] ?? '');
  return {
    async send({ id, body: told, signal }: Message) {
      const body = JSON.stringify(format === 'standard' ? told : cloudEvent(id, told));
      const type = format === 'standard' ? 'application/json' : 'application/cloudevents+json';
      const headers = { 'content-type': type, ...signed(id, body, secrets) };
      const given = { ...(signal && { signal }), ...(lookup && { lookup }) };
      return judged(await post({ url, headers, body, allowPrivate, timeout: timeout * 1000, ...given }), FINAL);
    },
  };
}

/** While a secret changes there are two: who checks has the old one or the new one. */
function secretsOf(text: string): Buffer[] {
  return text
    .split(/\s+/)
    .filter((one) => one !== '')
    .map((one) => Buffer.from(one.replace(/^whsec_/, ''), 'base64'));
}

function signed(id: string, body: string, secrets: readonly Buffer[]): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secrets.length === 0) return headers;
  const all = secrets.map((secret) =>
    createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64'),
  );
  return { ...headers, 'webhook-signature': all.map((one) => `v1,${one}`).join(' ') };
}

const cloudEvent = (id: string, { type, timestamp, data }: Notification): object => ({
  specversion: '1.0',
  id,
  source: 'offstage',
  type,
  time: timestamp,
  subject: data.task_id,
  datacontenttype: 'application/json',
  data,
});
