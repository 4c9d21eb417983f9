-- What a body calls things may be said after it was founded, and said otherwise later: the word changes, the thing does not.
grant update (word) on network.word to tongzhou_app;
