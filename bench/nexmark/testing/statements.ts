/**
 * What each query has to give, said in SQL (DuckDB's) over complete data. The views `persons`, `auctions` and `bids` hold
 * the events' fields and their time `t` in milliseconds, auctions also `expiry`; `sides` is the side input of q13.
 */
export const statements: Readonly<Record<string, string>> = {
  q0: `SELECT auction, bidder, price, dateTime, extra FROM bids`,

  q1: `SELECT auction, bidder, price::DOUBLE * 0.908::DOUBLE AS price, dateTime, extra FROM bids`,

  q2: `SELECT auction, price FROM bids WHERE auction % 123 = 0`,

  q3: `
    SELECT p.name, p.city, p.state, a.id
    FROM auctions a JOIN persons p ON a.seller = p.id
    WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')`,

  q4: `
    SELECT category, sum(final) // count(*) AS average
    FROM (
      SELECT a.id, a.category, max(b.price) AS final
      FROM auctions a JOIN bids b ON a.id = b.auction AND b.t BETWEEN a.t AND a.expiry
      GROUP BY a.id, a.category)
    GROUP BY category`,

  q5: `
    WITH counts AS (
      SELECT auction, (t // 2000) * 2000 - back AS starttime, count(*) AS num
      FROM bids, (SELECT unnest([0, 2000, 4000, 6000, 8000]) AS back)
      GROUP BY auction, starttime)
    SELECT auction, num, starttime FROM counts QUALIFY num = max(num) OVER (PARTITION BY starttime)`,

  q6: `
    WITH sold AS (
      SELECT a.seller, a.id, a.expiry, max(b.price) AS final
      FROM auctions a JOIN bids b ON a.id = b.auction AND b.t BETWEEN a.t AND a.expiry
      GROUP BY a.seller, a.id, a.expiry)
    SELECT seller, sum(final) OVER lastTen // count(*) OVER lastTen AS average
    FROM sold
    WINDOW lastTen AS (PARTITION BY seller ORDER BY expiry, id ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)`,

  q7: `
    SELECT auction, price, bidder, dateTime, extra
    FROM bids QUALIFY price = max(price) OVER (PARTITION BY t // 10000)`,

  q8: `
    SELECT DISTINCT p.id, p.name, (p.t // 10000) * 10000 AS starttime
    FROM persons p JOIN auctions a ON p.id = a.seller AND p.t // 10000 = a.t // 10000`,

  q9: `
    SELECT a.id, a.itemName, a.description, a.initialBid, a.reserve, a.dateTime, a.expires, a.seller, a.category, a.extra,
      b.auction, b.bidder, b.price, b.dateTime AS bidDateTime, b.extra AS bidExtra
    FROM auctions a JOIN bids b ON a.id = b.auction AND b.t BETWEEN a.t AND a.expiry
    QUALIFY row_number() OVER (PARTITION BY a.id ORDER BY b.price DESC, b.t, b.bidder) = 1`,

  q10: `
    SELECT auction, bidder, price, dateTime, extra, dateTime[1:10] AS dt, dateTime[12:16] AS hm FROM bids`,

  q11: `
    WITH marked AS (
      SELECT bidder, t, coalesce(t - lag(t) OVER (PARTITION BY bidder ORDER BY t) >= 10000, true) AS begins FROM bids),
    numbered AS (
      SELECT bidder, t, count(*) FILTER (begins) OVER (PARTITION BY bidder ORDER BY t) AS number FROM marked)
    SELECT bidder, count(*) AS bidCount, min(t) AS starttime, max(t) + 10000 AS endtime
    FROM numbered GROUP BY bidder, number`,

  // Which window of the clock a bid falls into is not a matter of the data: only the sums over all of them are.
  q12: `SELECT bidder, count(*) AS bidCount FROM bids GROUP BY bidder`,

  q12e: `
    SELECT bidder, count(*) AS bidCount, (t // 10000) * 10000 AS starttime, (t // 10000) * 10000 + 10000 AS endtime
    FROM bids GROUP BY bidder, t // 10000`,

  q13: `
    SELECT b.auction, b.bidder, b.price, b.dateTime, s.value
    FROM bids b JOIN sides s ON b.auction % 10000 = s.key`,

  q14: `
    SELECT auction, bidder, price::DOUBLE * 0.908::DOUBLE AS price,
      CASE WHEN hour(dateTime::TIMESTAMP) BETWEEN 8 AND 18 THEN 'dayTime'
        WHEN hour(dateTime::TIMESTAMP) <= 6 OR hour(dateTime::TIMESTAMP) >= 20 THEN 'nightTime'
        ELSE 'otherTime' END AS bidTimeType,
      dateTime, extra, length(extra) - length(replace(extra, 'c', '')) AS cCounts
    FROM bids WHERE price * 908 > 1000000000 AND price * 908 < 50000000000`,

  q15: `
    SELECT dateTime[1:10] AS day, ${ranked('bids', '*')}, ${ranked('bidders', 'DISTINCT bidder')},
      ${ranked('auctions', 'DISTINCT auction')}
    FROM bids GROUP BY day`,

  q16: `
    SELECT channel, dateTime[1:10] AS day, max(dateTime[12:16]) AS minute, ${ranked('bids', '*')},
      ${ranked('bidders', 'DISTINCT bidder')}, ${ranked('auctions', 'DISTINCT auction')}
    FROM bids GROUP BY channel, day`,

  q17: `
    SELECT auction, dateTime[1:10] AS day, ${ranked('bids', '*')}, min(price) AS minPrice, max(price) AS maxPrice,
      sum(price) // count(*) AS avgPrice, sum(price) AS sumPrice
    FROM bids GROUP BY auction, day`,

  q18: `
    SELECT auction, bidder, price, channel, url, dateTime, extra
    FROM bids QUALIFY row_number() OVER (PARTITION BY bidder, auction ORDER BY t DESC, price DESC) = 1`,

  q19: `
    SELECT auction, bidder, price, channel, url, dateTime, extra,
      row_number() OVER (PARTITION BY auction ORDER BY price DESC, t) AS rank
    FROM bids QUALIFY rank <= 10`,

  q20: `
    SELECT b.auction, b.bidder, b.price, b.channel, b.url, b.dateTime, b.extra, a.itemName, a.description, a.initialBid,
      a.reserve, a.dateTime AS auctionDateTime, a.expires, a.seller, a.category, a.extra AS auctionExtra
    FROM bids b JOIN auctions a ON b.auction = a.id WHERE a.category = 10`,

  q21: `
    SELECT auction, bidder, price, channel,
      CASE lower(channel) WHEN 'apple' THEN '0' WHEN 'google' THEN '1' WHEN 'facebook' THEN '2' WHEN 'baidu' THEN '3'
        ELSE regexp_extract(url, '(&|^)channel_id=([^&]*)', 2) END AS channelId
    FROM bids
    WHERE regexp_matches(url, '(&|^)channel_id=([^&]*)') OR lower(channel) IN ('apple', 'google', 'facebook', 'baidu')`,

  q22: `
    SELECT auction, bidder, price, channel,
      split_part(url, '/', 4) AS dir1, split_part(url, '/', 5) AS dir2, split_part(url, '/', 6) AS dir3
    FROM bids`,
}

/** A count of all, and of each of the three ranks of price. */
function ranked(name: string, counted: string): string {
  const upper = `${name[0]!.toUpperCase()}${name.slice(1)}`
  return `count(${counted}) AS total${upper},
      count(${counted}) FILTER (price < 10000) AS rank1${upper},
      count(${counted}) FILTER (price >= 10000 AND price < 1000000) AS rank2${upper},
      count(${counted}) FILTER (price >= 1000000) AS rank3${upper}`
}
