const USERNAME = /^[A-Za-z0-9._-]{3,64}$/;
const EMAIL = /^[^\s@]{1,64}@[^\s@]+\.[^\s@]+$/;
const EMAIL_CHARACTERS_MAX = 254;

/**
 * Says what is wrong with a new user's names, or `undefined`. A username has no `@`, so that it is
 * nobody else's e-mail address; who gives none is known by their own address.
 */
export function nameProblem(
  username: string,
  email: string,
): { parameter: 'username' | 'email'; message: string } | undefined {
  if (email !== '' && (email.length > EMAIL_CHARACTERS_MAX || !EMAIL.test(email))) {
    return { parameter: 'email', message: 'This is no e-mail address.' };
  }
  if (USERNAME.test(username) || (email !== '' && username === email)) return undefined;
  const message = 'A username has 3 to 64 letters, digits, dots, dashes or underscores.';
  return { parameter: 'username', message };
}
