export const PASSWORD_CHARACTERS_MIN = 8;
/** Also keeps a hash from being asked of megabytes. */
export const PASSWORD_CHARACTERS_MAX = 256;

/** The first guesses of everyone who guesses, as far as they are long enough to be allowed else. */
const COMMON = new Set(
  (
    'password password1 passw0rd p@ssw0rd 12345678 123456789 1234567890 87654321 11111111 00000000 ' +
    'qwertyui qwertyuiop qwerty123 1q2w3e4r 1qaz2wsx asdfghjkl iloveyou sunshine princess football ' +
    'baseball superman trustno1 letmein1 welcome1 admin123 administrator changeme openbell'
  ).split(' '),
);

/**
 * Says what is wrong with a new password, or `undefined`. Length is what counts (NIST SP 800-63B);
 * no mixture of characters is asked for.
 * @param names what the password must not be: the user's own names
 */
export function passwordWeakness(password: string, names: readonly string[]): string | undefined {
  const characters = [...password].length;
  if (characters < PASSWORD_CHARACTERS_MIN) {
    return `A password has at least ${PASSWORD_CHARACTERS_MIN} characters.`;
  }
  if (characters > PASSWORD_CHARACTERS_MAX) {
    return `A password has at most ${PASSWORD_CHARACTERS_MAX} characters.`;
  }
  const plain = password.toLowerCase();
  if (new Set(plain).size < 3) return 'A password has more than two different characters.';
  if (COMMON.has(plain)) return 'This password is one of the most common ones.';
  const taken = names.flatMap((name) => [name, name.split('@')[0]]);
  if (taken.some((name) => name !== '' && name.toLowerCase() === plain)) {
    return 'A password is not the name of its user.';
  }
  return undefined;
}
