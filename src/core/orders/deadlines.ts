/**
 * By when something must be done that is ordered or found. Times are ms since the epoch.
 *
 * Whoever is told of an order late, because goods came to it or were recorded late, has as long as those who were told when
 * it was made: an order of 1 March to be acknowledged by 8 March leaves who is told on 20 March until 27 March.
 */

export interface Order {
  /** When it was made, and by when it is to be acknowledged. */
  readonly at: number;
  readonly acknowledgeBy: number;
}

/** By when somebody who was told then is to acknowledge an order. */
export const dueOf = ({ at, acknowledgeBy }: Order, toldAt: number): number =>
  Math.max(acknowledgeBy, toldAt + acknowledgeBy - at);

/**
 * After a failed sample, until whoever was told of it is told once more when no order followed: within fifteen days of the
 * result a party may ask for a re-test (产品质量监督抽查管理暂行办法, State Administration for Market Regulation, order 18
 * of 2019).
 */
export const sampleAnswerMs = 15 * 86_400_000;
