// The second front door: what only screens behind the first one use, so that it is not part of the first load.
// The same rules as for index.ts hold.

export { openActivity, openQuestion, recordAtOnce, useActivities, loadForm, type ActivityForm, type FormItem } from './activities'
export { chooseCompanions, companionsOn, useColleagues } from './companions'
export { enrol, type Enrolled } from './enrol'
export { useGrid, type GridGroup, type GridSite, type GridView } from './grid'
export { removeMe, whyEmpty } from './leaving'
export { useLookBack, type LookBack } from './look_back'
export { openNotice, signatureOf, useNotice, useNotices, type NoticeView } from './notices'
export { changeTo, changeToNewPerson, changedOver, othersWaiting, peopleHere, type Person } from './people'
export { usePicture } from './pictures'
export { LOCK_AFTER_S, PIN_DIGITS, enterPin, forgetPin, hasPin, lockAfter, pinWait, removePin, setLockAfter, setPin, waitWords } from './pin'
export { readiness, tryNow, type ReadyItem } from './readiness'
export { useReceipts } from './receipts'
export { useSiteFile, type FileLine, type FilePhoto, type SiteFileView } from './site_file'
export { addMark, undoMark } from './marks'
export { markedPicture, toldOf, type PhotoShown, type PhotoWords } from './watermark'
