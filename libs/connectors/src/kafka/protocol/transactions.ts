import { addOffsetsToTxnCodec } from './generated/add-offsets-to-txn.ts'
import { addPartitionsToTxnCodec } from './generated/add-partitions-to-txn.ts'
import { describeTransactionsCodec } from './generated/describe-transactions.ts'
import { endTxnCodec } from './generated/end-txn.ts'
import { initProducerIdCodec } from './generated/init-producer-id.ts'
import { txnOffsetCommitCodec } from './generated/txn-offset-commit.ts'
import { plainCall } from './request.ts'

/** The requests of transactions, as Kafka's definitions have them. */
export const initProducerId = plainCall(initProducerIdCodec)
export const addPartitionsToTxn = plainCall(addPartitionsToTxnCodec)
export const addOffsetsToTxn = plainCall(addOffsetsToTxnCodec)
export const txnOffsetCommit = plainCall(txnOffsetCommitCodec)
/** Version 5 only where {@link transactionVersionFeature} is at 2. */
export const endTxn = plainCall(endTxnCodec)
export const describeTransactions = plainCall(describeTransactionsCodec)

/** Name of the feature that says which protocol of transactions a cluster has: 2 is that of KIP-890. */
export const transactionVersionFeature = 'transaction.version'
