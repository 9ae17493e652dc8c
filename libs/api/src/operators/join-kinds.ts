/** Which records without a partner are in the result: none, those of the left, of the right, or of both. */
export type JoinKind = 'inner' | 'left' | 'right' | 'full'

/** A pair; where an outer join found no partner, that side is null. */
export interface Joined<L, R, Kind extends JoinKind> {
  readonly left: Kind extends 'right' | 'full' ? L | null : L
  readonly right: Kind extends 'left' | 'full' ? R | null : R
}

export type Combine<L, R, Kind extends JoinKind, Out> = (
  left: Joined<L, R, Kind>['left'],
  right: Joined<L, R, Kind>['right'],
) => Out

/** What a join makes of a pair where the program does not say. */
export const pair = (left: unknown, right: unknown): unknown => ({ left, right })
