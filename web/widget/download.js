/**
 * The conversation as a text file in the customer's downloads.
 *
 * In: the server's address, who asks, which conversation. Throws where it cannot be had.
 */

export async function downloadTranscript({ baseUrl, identity, conversation }) {
  const address = `${baseUrl}/v1/conversations/${encodeURIComponent(conversation)}/transcript?format=text`;
  const response = await fetch(address, { headers: { authorization: `Bearer ${await identity.token()}` } });
  if (!response.ok) throw new Error(`no transcript: status ${response.status}`);
  const file = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = file;
  link.download = `conversation-${conversation}.txt`;
  link.click();
  // The browser has taken the file by the next turn of the loop.
  setTimeout(() => URL.revokeObjectURL(file), 0);
}
