"""Course generator: AI generation of syllabi, slides, quizzes and exercises."""
