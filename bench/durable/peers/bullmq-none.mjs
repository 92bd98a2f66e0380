import { bullmq } from './bullmq.mjs';

export const peer = bullmq('none', 'no fsync');
