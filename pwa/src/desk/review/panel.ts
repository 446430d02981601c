// Which form of the decision panel is open; null while the buttons show.

export type PanelForm = 'major' | 'order' | 'return' | 'return_all' | null
