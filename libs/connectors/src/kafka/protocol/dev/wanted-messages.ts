/**
 * The requests that are generated, with the versions: the oldest that can do what is needed, for the sake of brokers
 * that only speak Kafka's protocol, and newer ones that tell or ask something of use here. Of those a connection uses the
 * newest that its broker knows, too.
 */
export const wantedMessages: Readonly<Record<string, readonly number[]>> = {
  // 12 adds a partition to its transaction by itself (transaction.version 2); 13 names topics by identity.
  Produce: [8, 11, 12, 13],
  // 13 names topics by identity; 16 tells the new leader, and where it is.
  Fetch: [13, 16],
  ListOffsets: [3, 7],
  // 13 tells an error of the whole request.
  Metadata: [12, 13],
  OffsetCommit: [5, 8],
  // 7 can leave out what a transaction is about to commit.
  OffsetFetch: [7, 8],
  FindCoordinator: [2, 4],
  SaslHandshake: [1],
  // 0 for brokers that do not know a newer one; from 3 on they tell features, too.
  ApiVersions: [0, 3, 4],
  InitProducerId: [4, 5],
  AddPartitionsToTxn: [3],
  AddOffsetsToTxn: [3, 4],
  // 5 needs transaction.version 2, which raises the epoch with each transaction.
  EndTxn: [3, 4, 5],
  TxnOffsetCommit: [3, 4, 5],
  SaslAuthenticate: [1, 2],
  DescribeTransactions: [0],
  // For the topics that carry a deployment's records between its workers, which are Lightflus's own.
  CreateTopics: [7],
  DeleteTopics: [6],
  DeleteRecords: [2],
}

/** Those that only tests send. */
export const wantedByTests: Readonly<Record<string, readonly number[]>> = {
  ElectLeaders: [2],
  AlterPartitionReassignments: [0],
}
