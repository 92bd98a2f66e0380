/** What the API that BullMQ and bunqueue share says of a queue at last, and how both end. */
export const endOfQueue = (queue, worker) => ({
  async counts() {
    const { completed, ...others } = await queue.getJobCounts();
    return { completed, left: Object.values(others).reduce((sum, count) => sum + count, 0) };
  },
  async close() {
    await worker.close();
    await queue.close();
  },
});
