-- A deployment may start from a checkpoint of the user's choice, and drop state that its version has no use for.
ALTER TABLE "deployment" ADD COLUMN "restore_from" BIGINT,
ADD COLUMN "accept_repeats" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN "drop_state" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[];
