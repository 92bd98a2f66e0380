/** Why work was told to end. The reasons of timeouts and of requests that expired are both errors named `TimeoutError`. */
export function why(reason: unknown): string {
  const { name, message } = reason as Error;
  if (name === 'TaskCancelledError') return 'cancelled';
  if (name !== 'TimeoutError') return `for another reason: ${name}`;
  return message.includes('request') ? 'input_expired' : 'timeout';
}
