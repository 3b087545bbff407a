/** A setting that cannot be used; the message names the variable, its value and what it may be. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}
