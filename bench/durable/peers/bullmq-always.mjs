import { bullmq } from './bullmq.mjs';

export const peer = bullmq('always', 'fsync always');
