import { bullmq } from './bullmq.mjs';

export const peer = bullmq('everysec', 'fsync each second');
