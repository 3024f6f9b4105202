"""Who is served, who is left out, and how sure is that?"""
