"""Layer 4, the job: joins the stages for one portal, and reports."""
