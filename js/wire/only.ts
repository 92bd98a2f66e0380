/** The answer about the one task that was asked about. */
export function only<T>(answers: readonly T[]): T {
  const [answer] = answers;
  if (answer === undefined || answers.length > 1) throw new Error(`got ${answers.length} answers about one task`);
  return answer;
}
