/** The table of contents: every command, each in a file that is loaded when it is called. */
import type { Contents, Entry, Group } from './command.ts';

export const GROUPS: Readonly<Record<string, Group>> = {
  background: {
    summary: 'tasks in the background',
    aliases: ['bg'],
    commands: {
      submit: {
        summary: 'submit a command or a recipe as a background task',
        aliases: ['run', 'create'],
        load: () => import('./commands/background/submit.ts'),
      },
      list: {
        summary: 'list tasks, newest first',
        aliases: ['ps'],
        load: () => import('./commands/background/list.ts'),
      },
      status: {
        summary: 'show tasks',
        aliases: ['info'],
        load: () => import('./commands/background/status.ts'),
      },
      session: {
        summary: 'show the tasks of a session and what happened to them',
        load: () => import('./commands/background/session.ts'),
      },
      result: { summary: "print a task's result", load: () => import('./commands/background/result.ts') },
      wait: { summary: 'wait until tasks have ended', load: () => import('./commands/background/wait.ts') },
      events: { summary: 'show what happened to tasks', load: () => import('./commands/background/events.ts') },
      logs: {
        summary: 'print what tasks have logged and put out',
        load: () => import('./commands/background/logs.ts'),
      },
      cancel: { summary: 'cancel tasks', load: () => import('./commands/background/cancel.ts') },
      respond: { summary: 'answer what a task asks', load: () => import('./commands/background/respond.ts') },
      retry: { summary: 'submit an ended task once more', load: () => import('./commands/background/retry.ts') },
      update: { summary: 'change how a live task goes on', load: () => import('./commands/background/update.ts') },
      recover: {
        summary: 'take attempts away that will not end by themselves',
        load: () => import('./commands/background/recover.ts'),
      },
      clear: { summary: 'remove tasks that have ended', load: () => import('./commands/background/clear.ts') },
      init: { summary: 'make the folder of a new recipe', load: () => import('./commands/background/init.ts') },
      worker: { summary: 'run a worker in the foreground', load: () => import('./commands/background/worker.ts') },
    },
  },
  recipe: {
    summary: 'named, repeatable work',
    commands: {
      run: { summary: 'run a recipe and print its result', load: () => import('./commands/recipe/run.ts') },
      list: { summary: 'list the recipes that can be run from here', load: () => import('./commands/recipe/list.ts') },
      info: { summary: 'show one recipe', load: () => import('./commands/recipe/info.ts') },
      validate: {
        summary: 'check a recipe without running it',
        load: () => import('./commands/recipe/validate.ts'),
      },
      init: { summary: 'make the folder of a new recipe', load: () => import('./commands/recipe/init.ts') },
    },
  },
  schedule: {
    summary: 'what is submitted by itself, later or again and again',
    commands: {
      add: { summary: 'add a schedule', load: () => import('./commands/schedule/add.ts') },
      list: { summary: 'list the schedules', aliases: ['ls'], load: () => import('./commands/schedule/list.ts') },
      show: { summary: 'show a schedule', aliases: ['info'], load: () => import('./commands/schedule/show.ts') },
      remove: { summary: 'remove a schedule', aliases: ['rm'], load: () => import('./commands/schedule/remove.ts') },
      pause: { summary: 'pause a schedule', load: () => import('./commands/schedule/pause.ts') },
      resume: { summary: 'have a schedule go on', load: () => import('./commands/schedule/resume.ts') },
      'run-now': { summary: 'submit for a schedule now', load: () => import('./commands/schedule/run-now.ts') },
      'run-due': { summary: 'submit for all that are due', load: () => import('./commands/schedule/run-due.ts') },
    },
  },
  notify: {
    summary: 'who is told of tasks',
    commands: {
      test: { summary: 'send a message to a channel, to try it', load: () => import('./commands/notify/test.ts') },
      list: { summary: 'list what channels are told', load: () => import('./commands/notify/list.ts') },
      retry: { summary: 'try deliveries anew', load: () => import('./commands/notify/retry.ts') },
      run: { summary: 'tell what is due, from here', load: () => import('./commands/notify/run.ts') },
    },
  },
  store: {
    summary: "the store's file: whether it is whole, copies of it, its schema",
    commands: {
      check: { summary: 'say whether the store is whole', load: () => import('./commands/store/check.ts') },
      backup: { summary: 'copy the store while others go on', load: () => import('./commands/store/backup.ts') },
      restore: { summary: 'put a backup in its place', load: () => import('./commands/store/restore.ts') },
      migrate: { summary: "bring it to this version's schema", load: () => import('./commands/store/migrate.ts') },
    },
  },
  service: {
    summary: "the store's worker as a service, which starts with its user",
    commands: {
      print: { summary: 'print what would be written', load: () => import('./commands/service/print.ts') },
      install: { summary: 'write it, and say what to type', load: () => import('./commands/service/install.ts') },
      uninstall: { summary: 'remove it, and say what to type', load: () => import('./commands/service/uninstall.ts') },
    },
  },
};

/** Commands that stand for themselves. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  config: { summary: 'show every setting and where it comes from', load: () => import('./commands/config.ts') },
  completion: {
    summary: 'print what completes commands in bash, zsh or fish',
    load: () => import('./commands/completion.ts'),
  },
  metrics: {
    summary: 'print how the store stands, for Prometheus',
    load: () => import('./commands/metrics.ts'),
  },
  doctor: { summary: 'say what works here and what is refused, and why', load: () => import('./commands/doctor.ts') },
};

export const CONTENTS: Contents = { groups: GROUPS, commands: COMMANDS };
