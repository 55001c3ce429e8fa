"""What is asked, and what runs it: experiments, runs, jobs and the command line."""
