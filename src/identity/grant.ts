/**
 * What a credential's holder was granted: good until it is ended by a logout, a revocation, another
 * secret or another password. Sockets that were opened under it ask to be told.
 */
export class Grant {
  private readonly dependents = new Set<() => void>();
  private over = false;

  get ended(): boolean {
    return this.over;
  }

  /** `act` is called once, when the grant ends. @returns takes the wish back */
  onEnd(act: () => void): () => void {
    this.dependents.add(act);
    return () => this.dependents.delete(act);
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    const acts = [...this.dependents];
    this.dependents.clear();
    for (const act of acts) act();
  }
}
