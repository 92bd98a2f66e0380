/** Events of several tasks in one order; each reading is one look at all of them, at one moment. */
import type { EventPage as StoredPage } from '../../store/types.ts';
import { eventJson } from '../../wire/convert.ts';
import type { TaskEventJson } from '../../wire/event.ts';
import type { FollowedTask } from '../../wire/requests.ts';
import type { VerbContext } from '../verb-context.ts';

/** A task with what it has after the event that is known. */
export interface FollowedPage extends FollowedTask {
  page: StoredPage;
}

/** All after what is known of each. `TaskNotFoundError` for one that is not there, or no more. */
export async function readAll(context: VerbContext, of: readonly FollowedTask[]): Promise<FollowedPage[]> {
  const pages = await context.run('eventsOfAll', { of });
  return of.map((one, index) => {
    const page = pages[index];
    if (page == null) throw context.notFound(one.id);
    return { ...one, page };
  });
}

/** By the time of each; events of one task never change places, and those of one moment are in the order of the tasks. */
export function merged(pages: readonly FollowedPage[]): TaskEventJson[] {
  const all = pages.flatMap(({ id, page }) => {
    let time = Number.NEGATIVE_INFINITY; // a clock that was set back
    return page.events.map((event) => {
      time = Math.max(time, event.at);
      return { id, event, time };
    });
  });
  return all.sort((a, b) => a.time - b.time).map(({ id, event }) => eventJson(id, event));
}
