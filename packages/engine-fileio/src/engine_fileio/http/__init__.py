"""HTTP as files need it: pieces, resumes, redirects, and no wrong bytes."""
