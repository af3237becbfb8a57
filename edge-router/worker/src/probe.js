// One probe: a request that follows nothing, waits for so long, and reads so much.

const LONGEST = 64 * 1024;

/** Status and beginning of the body; null where nothing came in time, undefined where the connection failed. */
export async function probe(url, headers, timeout) {
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, { headers, signal, redirect: "manual", cache: "no-store" });
    return [response.status, await beginning(response)];
  } catch {
    return signal.aborted ? null : undefined;
  }
}

async function beginning(response) {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (text.length < LONGEST) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  reader.cancel().catch(() => {});
  return text;
}
