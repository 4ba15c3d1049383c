ALTER TABLE "report_steps" ADD COLUMN "outcome" text;--> statement-breakpoint
CREATE INDEX "report_steps_unfounded" ON "report_steps" USING btree ("at","report") WHERE outcome = 'unfounded';