"""Who is taught what with whom, where and when: a round of groups, proposed, improved, bounded and explained."""
