/// Goes through all sequences of choices: the same ones again up to the last that has another left.
#[derive(Default)]
pub struct Schedule {
    /// What was chosen, and of how many.
    made: Vec<(usize, usize)>,
    at: usize,
    pub count: usize,
}

impl Schedule {
    /// One of so many, from 0.
    pub fn choose(&mut self, of: usize) -> usize {
        if self.at == self.made.len() {
            self.made.push((0, of));
        }
        let (choice, before) = self.made[self.at];
        assert_eq!(before, of, "the same choices lead to the same world");
        self.at += 1;
        choice
    }

    /// Goes on to the next sequence; answers false when there is none.
    pub fn next(&mut self) -> bool {
        self.count += 1;
        self.made.truncate(self.at);
        self.at = 0;
        while let Some((choice, of)) = self.made.pop() {
            if choice + 1 < of {
                self.made.push((choice + 1, of));
                return true;
            }
        }
        false
    }
}
