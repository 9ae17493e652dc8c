-- A savepoint is asked for by raising the one, and done when the other has reached it.
ALTER TABLE "deployment" ADD COLUMN "savepoints_asked" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "savepoints_taken" INTEGER NOT NULL DEFAULT 0;
