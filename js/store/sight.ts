/** What this process sees of others, by the system that it runs on. */

import { here, isAlive } from '../platform/process.ts';
import { HAS_GROUPS, IS_LINUX } from '../platform/system.ts';
import type { Sight } from '../ports/sight.ts';

export const sight: Sight = {
  get boot() {
    return here().boot;
  },
  get time_ns() {
    return here().time_ns;
  },
  canSee: ({ boot, pid_ns }) => HAS_GROUPS && boot === here().boot && pid_ns === here().pid_ns,
  sharesClock: ({ boot, time_ns }) => IS_LINUX && boot === here().boot && time_ns === here().time_ns,
  isAlive: ({ pid, start_time }) => isAlive(pid, start_time),
};
