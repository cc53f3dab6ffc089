"""The code of `book/recurrence/attention-in-seq2seq.md`."""
