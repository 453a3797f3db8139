/** The line that the server gave with an answer other than 2xx. */
export async function refusalOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error?: string };
    if (error !== undefined) return error;
  } catch {
    // not JSON: the status has to do
  }
  return `The server answered ${response.status}`;
}
